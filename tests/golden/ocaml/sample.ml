(* Copyright nobody. *)
open Printf

(** A shape. *)
type shape =
  | Circle of float
  | Square of float

type t = { x : int } and u = int

exception Failed of string

(** The area. *)
let area = function
  | Circle r -> r *. r
  | Square a -> a *. a

let limit = 10

let rec even n = n = 0 || odd (n - 1)
and odd n = n <> 0 && even (n - 1)

let ( +! ) a b = a + b

let twice f = fun x -> f (f x)

module Point = struct
  type t = int * int

  let make x y = (x, y)

  (* Adds. *)
  let add (a, b) (c, d) =
    let sum x y = x + y in
    (sum a c, sum b d)
end

module type Sized = sig
  val size : int -> int
end

module Make (S : Sized) = struct
  let twice x = 2 * S.size x
end

class counter = object (self)
  val mutable count = 0
  method increment = count <- count + 1
end

let () =
  let local x = x in
  printf "%d" (local 1)

let long_one items =
  let count = ref 0 in
  List.iter
    (fun item ->
      match item with
      | "a" ->
        incr count;
        print_endline "a"
      | "b" ->
        incr count;
        print_endline "b"
      | _ ->
        print_endline "other")
    items;
  (* then *)
  if !count > 3 then begin
    print_endline "many";
    print_endline "very many"
  end
  else begin
    print_endline "few";
    print_endline "very few"
  end;
  print_endline "end";
  print_endline "really";
  !count
