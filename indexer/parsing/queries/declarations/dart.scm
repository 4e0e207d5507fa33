[
  (class_definition body: (_) @inside)
  (enum_declaration body: (_) @inside)
  (extension_declaration body: (_) @inside)
  (mixin_declaration (class_body) @inside)
]
(static_final_declaration_list (static_final_declaration . (identifier) @name) @variable)
(initialized_identifier_list (initialized_identifier . (identifier) @name) @variable)
(declaration (static_final_declaration_list (static_final_declaration . (identifier) @name)) ) @field
(declaration (initialized_identifier_list (initialized_identifier . (identifier) @name))) @field
(enum_constant name: (_) @name) @enumerator
(type_alias . (type_identifier) @name . (function_type)) @type
(type_alias (type_identifier) @name . (formal_parameter_list)) @type
(declaration [
  (function_signature name: (_) @name)
  (getter_signature name: (_) @name)
  (setter_signature name: (_) @name)
]) @method
