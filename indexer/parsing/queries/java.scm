[
  (method_declaration name: (_) @name body: (_))
  (constructor_declaration name: (_) @name)
  (compact_constructor_declaration name: (_) @name)
] @definition.function
[
  (class_declaration name: (_) @name)
  (interface_declaration name: (_) @name)
  (enum_declaration name: (_) @name)
  (record_declaration name: (_) @name)
  (annotation_type_declaration name: (_) @name)
] @definition.class

; Anonymous classes. The methods inside a small anonymous class get no pieces of their own.
(object_creation_expression (class_body) @scope)
(enum_constant body: (_) @scope)
