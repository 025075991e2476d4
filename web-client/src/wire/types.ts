/** What crosses the wire, by the names that the server gives it. Times are ISO 8601 in UTC. */

export type Audience = "patient" | "staff";
export type Role = "patient" | "clinician";
export type Channel = "video" | "chat";
export type Profession = "doctor" | "psychologist" | "district_nurse";
export type ModeReason =
  | "chosen"
  | "permission_denied"
  | "no_device"
  | "media_blocked"
  | "connection_lost";
export type TicketState = "waiting" | "called" | "admitted" | "left" | "no_show" | "done";
export type VisitState =
  | "called"
  | "in_progress"
  | "ended"
  | "documented"
  | "no_response"
  | "no_show"
  | "returned";

export type Wait =
  | { kind: "unknown" }
  | { kind: "range"; low_minutes: number; high_minutes: number };

export interface DemoLogin {
  audience: Audience;
  username: string;
  password: string;
  name: string;
  about: string;
}

export interface Config {
  region_name: string;
  version: string;
  demo: boolean;
  demo_logins: DemoLogin[];
  emergency_number: string;
  advice_number: string;
}

export interface Service {
  profession: Profession;
  open: boolean;
  closes_at: string | null;
  next_opening: string | null;
  waiting: number;
  wait: Wait;
}

export interface Clinic {
  id: string;
  name: string;
  area: string;
  services: Service[];
}

export interface Commission {
  clinic_id: string;
  clinic_name: string;
  profession: Profession;
}

export interface Account {
  id: string;
  audience: Audience;
  name: string;
  birth_date?: string | null;
  title?: string | null;
  commissions?: Commission[];
}

export interface Session {
  account: Account;
  expires_at: string;
  idle_expires_at: string | null;
}

export interface Ticket {
  id: string;
  clinic_id: string;
  clinic_name: string;
  profession: Profession;
  reason: string;
  channel: Channel;
  state: TicketState;
  place: number | null;
  waiting_total: number | null;
  wait: Wait;
  arrived_at: string;
  not_before: string | null;
  requeued: boolean;
  visit_id: string | null;
  version: number;
}

export interface VisitSummary {
  id: string;
  ticket_id: string;
  clinic_id: string;
  clinic_name: string;
  profession: Profession;
  reason: string;
  state: VisitState;
  mode: Channel;
  started_as: Channel;
  called_at: string;
  joined_at: string | null;
  ended_at: string | null;
  patient_left_at: string | null;
  clinician: { name: string; title: string };
  patient: { name: string; birth_date: string; age: number } | null;
  version: number;
  last_seq: number;
}

export interface Note {
  text: string;
  version: number;
  signed_at: string | null;
  signed_by: string | null;
  updated_at: string;
}

export interface Visit extends VisitSummary {
  mode_reason: ModeReason | null;
  mode_by: Role | null;
  identity_confirmed_at: string | null;
  answer_by: string;
  requeue_possible: boolean;
  note: Note | null;
}

export interface Message {
  visit_id: string;
  seq: number;
  client_id: string | null;
  sender: Role | "system";
  sender_name: string;
  body: string;
  sent_at: string;
}

export interface Overview {
  tickets: Ticket[];
  visits: VisitSummary[];
}

export interface Duty {
  state: "on" | "paused" | "off";
  clinic_id: string | null;
  clinic_name: string | null;
  profession: Profession | null;
  since: string | null;
  open_visits: VisitSummary[];
}

export interface BoardTicket {
  id: string;
  reason: string;
  age: number;
  channel: Channel;
  state: "waiting" | "called" | "admitted";
  arrived_at: string;
  not_before: string | null;
  requeued: boolean;
  taken_by: string | null;
  taken_by_me: boolean;
}

export interface Board {
  clinic_id: string;
  clinic_name: string;
  profession: Profession;
  version: number;
  on_duty: number;
  paused: number;
  open: boolean;
  tickets: BoardTicket[];
  recent_median_minutes: number | null;
}

export interface TicketChanged {
  ticket_id: string;
  version: number;
  state: TicketState;
  place: number | null;
  waiting_total: number | null;
  wait: Wait;
  visit_id: string | null;
}

export interface VisitChanged {
  visit_id: string;
  version: number;
  state: VisitState;
  mode: Channel;
  mode_reason: ModeReason | null;
  mode_by: Role | null;
  last_seq: number;
  patient_left: boolean;
}

/** What the server sends: a hint says that something changed, the truth is fetched over HTTP. */
export interface ServerEvents {
  "ticket.changed": TicketChanged;
  "queue.changed": { clinic_id: string; profession: Profession; version: number };
  "visit.changed": VisitChanged;
  "message.posted": Message;
  "presence.changed": { visit_id: string; role: Role; online: boolean };
  "call.peer": {
    visit_id: string;
    role: Role;
    joined: boolean;
    mic_on: boolean;
    camera_on: boolean;
    reason: string | null;
  };
  "call.lost": { visit_id: string; leg_id: string; reason: "worker" | "replaced" | "closed" };
  "session.ended": { reason: "expired" | "revoked" };
  drain: { reconnect_in_ms: number };
}

export interface WatchedVisit {
  visit_id: string;
  version: number;
  last_seq: number;
}
export interface WatchedTicket {
  ticket_id: string;
  version: number;
}
export interface WatchedQueue {
  clinic_id: string;
  profession: Profession;
  version: number;
}

export interface SyncAnswer {
  visits: (WatchedVisit & { peer_online: boolean; peer_in_call: boolean })[];
  tickets: WatchedTicket[];
  queue: WatchedQueue | null;
}

type Nothing = Record<never, never>;

/** What the client sends, and what the acknowledgement holds beside `ok: true`. */
export interface ClientEvents {
  "message.send": {
    payload: { visit_id: string; client_id: string; body: string };
    ack: { message: Message };
  };
  sync: {
    payload: { visits: WatchedVisit[]; tickets: WatchedTicket[]; queue: WatchedQueue | null };
    ack: SyncAnswer;
  };
  "queue.watch": {
    payload: { clinic_id: string; profession: Profession };
    ack: { version: number };
  };
  "queue.unwatch": { payload: Nothing; ack: Nothing };
  "call.join": {
    payload: { visit_id: string };
    ack: {
      leg_id: string;
      sdp: string;
      peer: { joined: boolean; mic_on: boolean; camera_on: boolean };
    };
  };
  "call.answer": { payload: { visit_id: string; leg_id: string; sdp: string }; ack: Nothing };
  "call.restart": { payload: { visit_id: string; leg_id: string }; ack: { sdp: string } };
  "call.state": {
    payload: { visit_id: string; leg_id: string; mic_on: boolean; camera_on: boolean };
    ack: Nothing;
  };
  "call.leave": { payload: { visit_id: string; leg_id: string }; ack: Nothing };
}
