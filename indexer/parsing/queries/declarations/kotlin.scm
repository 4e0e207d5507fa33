[
  (class_declaration [(class_body) (enum_class_body)] @inside)
  (class_declaration (primary_constructor (class_parameters) @inside))
  (object_declaration (class_body) @inside)
  (companion_object (class_body) @inside)
]
(property_declaration (variable_declaration . (identifier) @name)) @variable
(property_declaration (multi_variable_declaration (variable_declaration . (identifier) @name))) @variable
(class_parameter ["val" "var"] . (identifier) @name) @field
(enum_entry . (identifier) @name) @enumerator
(type_alias type: (_) @name) @type
(function_declaration name: (_) @name (function_value_parameters) .) @method
(function_declaration name: (_) @name
  (function_value_parameters) . [(user_type) (nullable_type) (function_type)] .) @method
