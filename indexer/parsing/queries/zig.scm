(function_declaration name: (_) @name body: (_)) @definition.function
((test_declaration [(string) (identifier)] @name) @definition.function (#set! prefix "test "))

(variable_declaration . (identifier) @name
  [(struct_declaration) (enum_declaration) (union_declaration) (opaque_declaration) (error_set_declaration)]) @definition.class

; A function that returns a type counts as that type.
(function_declaration name: (_) @name
  body: (block (expression_statement (return_expression [(struct_declaration) (union_declaration)])))) @definition.class
