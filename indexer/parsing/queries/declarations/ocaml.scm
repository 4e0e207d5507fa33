[
  (module_definition (module_binding body: (structure) @inside))
  (type_definition) @inside
  (type_binding body: [(variant_declaration) (record_declaration)] @inside)
]
(value_definition (let_binding pattern: (value_name) @name) @variable)
(constructor_declaration (constructor_name) @name) @enumerator
(field_declaration (field_name) @name) @field
(exception_definition (constructor_declaration (constructor_name) @name)) @type
