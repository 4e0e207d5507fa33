(const_declaration (const_spec (identifier) @name) @constant)
(var_declaration (var_spec name: (identifier) @name) @variable)
(var_declaration (var_spec_list) @inside)
(var_spec name: (identifier) @name) @variable

(type_declaration (type_spec type: (struct_type (field_declaration_list) @inside)))
(field_declaration name: (_) @name) @field
(field_declaration type: (struct_type (field_declaration_list) @inside))

(type_declaration (type_spec type: (interface_type) @inside))
(method_elem name: (_) @name) @method
