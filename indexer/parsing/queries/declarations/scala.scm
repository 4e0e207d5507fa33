[
  (object_definition body: (_) @inside)
  (class_definition body: (_) @inside)
  (trait_definition body: (_) @inside)
  (enum_definition body: (_) @inside)
  (package_object body: (_) @inside)
  (package_clause body: (_) @inside)
  (class_definition "case" class_parameters: (_) @inside)
  (enum_case_definitions) @inside
]
(val_definition pattern: (identifier) @name) @variable
(val_definition pattern: (identifiers (identifier) @name)) @variable
(var_definition pattern: (identifier) @name) @variable
(var_definition pattern: (identifiers (identifier) @name)) @variable
(class_parameter name: (_) @name) @field
(simple_enum_case name: (_) @name) @enumerator
(full_enum_case name: (_) @name) @enumerator
(type_definition name: (_) @name) @type
(function_declaration name: (_) @name) @method
