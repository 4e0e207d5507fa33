(public_field_definition name: (_) @name) @field
(property_signature name: (_) @name) @field
(method_definition parameters: (formal_parameters
  (required_parameter (accessibility_modifier) pattern: (identifier) @name) @field))

(abstract_class_declaration body: (class_body) @inside)
(export_statement (abstract_class_declaration body: (class_body) @inside))
(interface_declaration body: (interface_body) @inside)
(export_statement (interface_declaration body: (interface_body) @inside))

(enum_body name: (_) @name @enumerator)
(enum_assignment name: (_) @name) @enumerator
(enum_declaration body: (enum_body) @inside)
(export_statement (enum_declaration body: (enum_body) @inside))

(ambient_declaration) @inside
(export_statement (ambient_declaration) @inside)
(module body: (statement_block) @inside)
(internal_module body: (statement_block) @inside)
(statement_block) @inside
(expression_statement (internal_module body: (statement_block) @inside))
(export_statement (internal_module body: (statement_block) @inside))

[
  (method_signature name: (_) @name)
  (abstract_method_signature name: (_) @name)
  (function_signature name: (_) @name)
  (export_statement (function_signature name: (_) @name))
] @method
