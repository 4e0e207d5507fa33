[
  (class body: (_) @inside)
  (module body: (_) @inside)
  (singleton_class body: (_) @inside)
  [(if) (unless) (then) (else) (begin) (if_modifier) (unless_modifier)] @inside
]
(assignment left: [(constant) (scope_resolution)] @name) @constant
(assignment left: (left_assignment_list (constant) @name)) @constant
(operator_assignment left: (constant) @name operator: "||=") @constant
((call
  !receiver
  method: (identifier) @word
  arguments: (argument_list (simple_symbol) @name @field))
  (#set! among "attr_accessor attr_reader attr_writer"))
