[
  (if_statement) (elif_clause) (else_clause)
  (try_statement) (except_clause) (finally_clause)
  (with_statement) (for_statement) (while_statement)
  (block)
] @inside
(class_definition body: (block) @inside)
(decorated_definition (class_definition body: (block) @inside))

(expression_statement (assignment left: (identifier) @name) @variable)
(expression_statement (assignment left: [(pattern_list (identifier) @name) (tuple_pattern (identifier) @name)]) @variable)
(expression_statement (assignment right: (assignment left: (identifier) @name)) @variable)
(type_alias_statement left: (type (identifier) @name)) @type
