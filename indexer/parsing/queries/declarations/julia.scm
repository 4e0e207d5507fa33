[
  (module_definition) (if_statement)
] @inside
(struct_definition (type_head) @at) @inside
(const_statement (assignment . [(identifier) @name (typed_expression . (identifier) @name) (open_tuple (identifier) @name)])) @constant
(global_statement (assignment . (identifier) @name)) @variable
(assignment . (identifier) @name) @variable
(struct_definition (identifier) @name @field)
(typed_expression . (identifier) @name) @field
(assignment . (typed_expression . (identifier) @name)) @field
