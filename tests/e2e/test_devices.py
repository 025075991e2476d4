"""Another camera and another microphone in the midst of the call: the other sees and hears them."""

from __future__ import annotations

import pytest

from .meeting import REASON, Enter, on_duty, waiting
from .people import PATIENCE
from .watching import connections, hears

pytestmark = pytest.mark.once("what is picked is given by a script, the same in every browser")

#: A second camera (red) and a second microphone (a tone) beside those that the browser has, and a
#: count of what would be a renegotiation.
_MORE_DEVICES = """
(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  const list = media.enumerateDevices.bind(media);
  const more = [
    { kind: 'videoinput', deviceId: 'second-camera', label: 'A second camera', groupId: '' },
    { kind: 'audioinput', deviceId: 'second-microphone', label: 'A second one', groupId: '' },
  ];
  const picked = (rule, id) =>
    (rule?.deviceId?.exact ?? rule?.deviceId?.ideal ?? rule?.deviceId) === id;
  const red = () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const pen = canvas.getContext('2d');
    let turn = 0;
    setInterval(() => {
      pen.fillStyle = (turn += 1) % 2 ? '#e01010' : '#d00808';
      pen.fillRect(0, 0, 640, 480);
    }, 60);
    return canvas.captureStream(15).getVideoTracks();
  };
  const tone = () => {
    const context = new AudioContext();
    const to = context.createMediaStreamDestination();
    const from = context.createOscillator();
    from.connect(to);
    from.start();
    window.__toned = to.stream.getAudioTracks()[0];
    return [window.__toned];
  };
  media.enumerateDevices = async () => [...(await list()), ...more];
  media.getUserMedia = async (wanted) => {
    const tracks = [];
    const left = { ...wanted };
    if (picked(wanted.video, 'second-camera')) {
      tracks.push(...red());
      delete left.video;
    }
    if (picked(wanted.audio, 'second-microphone')) {
      tracks.push(...tone());
      delete left.audio;
    }
    if (left.video || left.audio) tracks.push(...(await ask(left)).getTracks());
    return new MediaStream(tracks);
  };
  window.__negotiated = 0;
  const { prototype } = RTCPeerConnection;
  const set = prototype.setRemoteDescription;
  prototype.setRemoteDescription = function (...description) {
    window.__negotiated += 1;
    return set.apply(this, description);
  };
})();
"""

_IS_RED = """() => {
  const video = [...document.querySelectorAll('video')].find(
    (each) => each.srcObject && !each.dataset.own && each.videoWidth > 0);
  if (!video) return false;
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 8, 8);
  const [r, g, b] = pen.getImageData(4, 4, 1, 1).data;
  return r > 140 && g < 90 && b < 90;
}"""


def test_another_camera_and_another_microphone_without_a_new_agreement(enter: Enter) -> None:
    patient = waiting(enter)
    patient.context.add_init_script(_MORE_DEVICES)
    patient.page.reload()
    clinician = on_duty(enter)
    clinician.take(REASON)
    patient.go_in()
    patient.sees_picture()
    clinician.sees_picture()
    before = connections(patient), patient.page.evaluate("() => window.__negotiated")
    assert before[1] >= 1
    patient.button("visit.control.devices").first.click()
    dialog = patient.page.get_by_role("dialog", name=patient.t("visit.devices.title"))
    dialog.get_by_label(patient.t("visit.devices.camera")).select_option("second-camera")
    clinician.page.wait_for_function(_IS_RED, timeout=PATIENCE)
    clinician.forget_pictures()
    clinician.sees_picture()
    dialog.get_by_label(patient.t("visit.devices.microphone")).select_option("second-microphone")
    patient.page.wait_for_function(
        """() => {
          const sent = window.__peers.at(-1).getSenders().map(({ track }) => track);
          return window.__toned?.readyState === 'live' && sent.includes(window.__toned);
        }""",
        timeout=PATIENCE,
    )
    hears(clinician)
    assert (connections(patient), patient.page.evaluate("() => window.__negotiated")) == before
    assert patient.complaints == clinician.complaints == []
