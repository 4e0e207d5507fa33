[
  (class_declaration body: (_) @inside)
  (interface_declaration body: (_) @inside)
  (enum_declaration body: (_) @inside)
  (record_declaration body: (_) @inside)
  (annotation_type_declaration body: (_) @inside)
  (enum_body_declarations) @inside
  (record_declaration parameters: (_) @inside)
]
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
(constant_declaration declarator: (variable_declarator name: (identifier) @name)) @constant
(enum_constant name: (_) @name) @enumerator
(formal_parameter name: (identifier) @name) @field

(method_declaration !body name: (_) @name) @method
(annotation_type_element_declaration name: (_) @name) @method
