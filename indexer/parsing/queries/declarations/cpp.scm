[
  (namespace_definition body: (_) @inside)
  (class_specifier body: (_) @inside)
  (template_declaration) @inside
]
(alias_declaration name: (_) @name) @type
