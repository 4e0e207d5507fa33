(public_field_definition
  name: (_) @name
  value: [(arrow_function) (function_expression) (generator_function)]) @definition.function
[
  (abstract_class_declaration name: (_) @name)
  (interface_declaration name: (_) @name)
  (enum_declaration name: (_) @name)
  (type_alias_declaration name: (_) @name)
] @definition.class

; Overloads. An overload is added to the function that follows.
(function_signature name: (_) @name) @signature
(class_body (method_signature name: (_) @name) @signature)
