((call target: (identifier) @word (do_block) @inside)
  (#set! among "defmodule defprotocol defimpl"))
((unary_operator operand: (call target: (identifier) @name @word (arguments (_)))) @constant
  (#set! except "doc moduledoc typedoc spec type typep opaque callback macrocallback optional_callbacks behaviour impl derive enforce_keys dialyzer compile tag moduletag describetag deprecated external_resource on_load on_definition before_compile after_compile vsn"))
((unary_operator operand: (call target: (identifier) @word
  (arguments (binary_operator left: [(identifier) @name (call target: (identifier) @name)])))) @type
  (#set! among "type typep opaque"))
