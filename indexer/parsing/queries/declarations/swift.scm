[
  (class_declaration body: (_) @inside)
  (protocol_declaration body: (_) @inside)
]
(property_declaration name: (pattern bound_identifier: (_) @name)) @variable
(protocol_property_declaration name: (pattern bound_identifier: (_) @name)) @field
(enum_entry name: (simple_identifier) @name) @enumerator
(typealias_declaration . "typealias" name: (type_identifier) @name) @type
(associatedtype_declaration name: (_) @name) @type
(protocol_function_declaration name: (simple_identifier) @name) @method
