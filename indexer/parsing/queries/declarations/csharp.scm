[
  (namespace_declaration body: (_) @inside)
  (class_declaration body: (_) @inside)
  (struct_declaration body: (_) @inside)
  (record_declaration body: (_) @inside)
  (interface_declaration body: (_) @inside)
  (enum_declaration body: (_) @inside)
  (record_declaration (parameter_list) @inside)
  [(preproc_if) (preproc_else) (preproc_elif)] @inside
]
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(event_field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(property_declaration name: (_) @name) @field
(parameter name: (identifier) @name) @field
(enum_member_declaration name: (_) @name) @enumerator
(delegate_declaration name: (_) @name) @type
(method_declaration !body name: (_) @name) @method
