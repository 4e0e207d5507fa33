[
  (function_definition name: (_) @name)
  (method_declaration name: (_) @name body: (_))
] @definition.function
(assignment_expression
  left: (_) @name
  right: [(anonymous_function) (arrow_function)]) @definition.function

[
  (class_declaration name: (_) @name)
  (interface_declaration name: (_) @name)
  (trait_declaration name: (_) @name)
  (enum_declaration name: (_) @name)
] @definition.class

; Anonymous functions and classes. The definitions inside a small one get no pieces of their own.
[(anonymous_function) (anonymous_class)] @scope
