(** Shapes. *)

(** A shape. *)
type shape =
  | Circle of float
  | Square of float

type t

(** The area. *)
val area : shape -> float

val limit : int
(** Comes after. *)

external fast : int -> int = "fast_stub"

module Point : sig
  type t

  (** Makes one. *)
  val make : int -> int -> t
end

module type Sized = sig
  val size : int -> int
end
