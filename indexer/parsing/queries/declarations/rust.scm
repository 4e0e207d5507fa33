[
  (mod_item body: (_) @inside)
  (impl_item body: (_) @inside)
  (trait_item body: (_) @inside)
  (struct_item body: (_) @inside)
  (enum_item body: (_) @inside)
  (union_item body: (_) @inside)
]
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @variable
(type_item name: (_) @name) @type
(associated_type name: (_) @name) @type
(field_declaration name: (_) @name) @field
(enum_variant name: (_) @name) @enumerator
(function_signature_item name: (_) @name) @method
