; Modules.
((call target: (identifier) @_keyword (arguments . (alias) @name) (do_block)) @definition.class
  (#any-of? @_keyword "defmodule" "defprotocol"))
((call target: (identifier) @_keyword (arguments . (alias) @name)
  (do_block . (unary_operator operand: (call target: (identifier) @_doc (arguments (string) @doc))))) @definition.class
  (#any-of? @_keyword "defmodule" "defprotocol") (#eq? @_doc "moduledoc"))
((call target: (identifier) @_keyword
  (arguments . (alias) @name .) (do_block)) @definition.class
  (#eq? @_keyword "defimpl"))
((call target: (identifier) @_keyword
  (arguments . (alias) @receiver (keywords (pair key: (keyword) @_for value: (alias) @name))) (do_block)) @definition.class
  (#eq? @_keyword "defimpl") (#match? @_for "^for:"))

; Functions with a body, in a block or after `do:`.
((call target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name (arguments)? @parameters)
    (binary_operator left: (identifier) @name operator: "when")
    (binary_operator left: (call target: (identifier) @name (arguments)? @parameters) operator: "when")
    (binary_operator left: (identifier) operator: _ @name right: (identifier))
  ])
  (do_block)) @definition.function
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop" "defn" "defnp"))
((call target: (identifier) @_keyword
  (arguments . [
    (identifier) @name
    (call target: (identifier) @name (arguments)? @parameters)
    (binary_operator left: (identifier) @name operator: "when")
    (binary_operator left: (call target: (identifier) @name (arguments)? @parameters) operator: "when")
    (binary_operator left: (identifier) operator: _ @name right: (identifier))
  ] . (keywords (pair key: (keyword) @_do)))) @definition.function
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop" "defn" "defnp") (#match? @_do "^do:"))
((call target: (identifier) @_keyword
  (arguments . (binary_operator left: (call target: (identifier) @name (arguments) @parameters) operator: "when"))) @definition.function
  (#any-of? @_keyword "defguard" "defguardp"))

; Heads without a body. A head is added to the clauses that follow.
((call target: (identifier) @_keyword
  (arguments . (call target: (identifier) @name (arguments) @parameters) .)) @signature
  (#any-of? @_keyword "def" "defp" "defmacro" "defmacrop"))
