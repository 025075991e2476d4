/** Calls back about ten times a second with how loud it is, from 0 to 1. */
export function meter(stream: MediaStream, onLevel: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  void context.resume();
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    // Speech lies around -40 to -10 dB: that span fills the meter.
    const decibel = 20 * Math.log10(Math.sqrt(sum / samples.length) + 1e-6);
    onLevel(Math.min(1, Math.max(0, (decibel + 55) / 45)));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
