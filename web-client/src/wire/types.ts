/**
 * What crosses the wire, by the names that the client uses. The shapes are the server's own,
 * generated from its types (`npm run types`). Times are ISO 8601 in UTC.
 */
import type {
  AccountOut,
  ActOut,
  BoardEntryOut,
  BoardOut,
  CallQualityOut,
  ClientEvents as Requests,
  ClinicOut,
  CommissionOut,
  ConfigOut,
  DutyOut,
  EquipmentOut,
  GuestOut,
  GuestsOut,
  GuestVisitOut,
  KnownQueue,
  KnownTicket,
  KnownVisit,
  MessageOut,
  NoteOut,
  OverviewOut,
  PersonOut,
  PlaceOut,
  ServiceOut,
  SessionOut,
  Synced,
  TicketOut,
  VisitOut,
  VisitSummaryOut,
} from "./generated";

export type {
  Channel,
  Communication,
  DemoLogin,
  EquipmentIn,
  ModeReason,
  Profession,
  Role,
  ServerEvents,
  VisitState,
} from "./generated";

export type Account = AccountOut;
/** Those who have accounts. */
/** Everybody who has a live connection. */
export type { Audience as LiveAudience, GuestRole, GuestState } from "./generated";
/** What an administrator did. */
export type Act = ActOut;
/** A clinic as administrators see it. */
export type AdminClinic = PlaceOut;
export type AdminService = PlaceOut["services"][number];
export type AdminHours = AdminService["hours"][number];
export type AdminDay = AdminClinic["days"][number];
export type StaffMember = PersonOut;
export type Audience = AccountOut["audience"];
export type Board = BoardOut;
export type BoardTicket = BoardEntryOut;
/** What a visit's call was like for one person. */
export type PersonCall = CallQualityOut["people"][number];
export type Clinic = ClinicOut;
export type Commission = CommissionOut;
/** What the pages need of it; `media` is for tools. */
export type Config = Omit<ConfigOut, "media">;
export type Duty = DutyOut;
export type Guest = GuestOut;
export type GuestList = GuestsOut;
export type GuestVisit = GuestVisitOut;
export type Equipment = EquipmentOut;
export type EquipmentSummary = EquipmentOut["summary"];
export type Message = MessageOut;
export type Note = NoteOut;
export type Overview = OverviewOut;
export type Service = ServiceOut;
export type Session = SessionOut;
export type Ticket = TicketOut;
export type Visit = VisitOut;
export type VisitSummary = VisitSummaryOut;
export type Wait = Ticket["wait"];
export type WatchedVisit = KnownVisit;
export type WatchedTicket = KnownTicket;
export type WatchedQueue = KnownQueue;

/** What an acknowledgement holds beside `ok: true`. */
type Granted<Ack> = Omit<Ack, "ok">;

export type SyncAnswer = Granted<Synced>;

type Nothing = Record<string, never>;

/** What the client sends, and what the acknowledgement holds beside `ok: true`. */
export interface ClientEvents {
  "message.send": {
    payload: Requests["message.send"]["payload"];
    ack: Granted<Requests["message.send"]["ack"]>;
  };
  sync: { payload: Requests["sync"]["payload"]; ack: Granted<Requests["sync"]["ack"]> };
  "queue.watch": {
    payload: Requests["queue.watch"]["payload"];
    ack: Granted<Requests["queue.watch"]["ack"]>;
  };
  "queue.unwatch": { payload: Nothing; ack: Nothing };
  "call.join": {
    payload: Requests["call.join"]["payload"];
    ack: Granted<Requests["call.join"]["ack"]>;
  };
  "call.answer": { payload: Requests["call.answer"]["payload"]; ack: Nothing };
  "call.restart": {
    payload: Requests["call.restart"]["payload"];
    ack: Granted<Requests["call.restart"]["ack"]>;
  };
  "call.state": { payload: Requests["call.state"]["payload"]; ack: Nothing };
  "call.keys": { payload: Requests["call.keys"]["payload"]; ack: Nothing };
  "call.leave": { payload: Requests["call.leave"]["payload"]; ack: Nothing };
  "check.join": { payload: Nothing; ack: Granted<Requests["check.join"]["ack"]> };
  "check.answer": { payload: Requests["check.answer"]["payload"]; ack: Nothing };
  "check.leave": { payload: Requests["check.leave"]["payload"]; ack: Nothing };
}
