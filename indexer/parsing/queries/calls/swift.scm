(call_expression (simple_identifier) @name)
(call_expression (navigation_expression target: (_) @object suffix: (navigation_suffix suffix: (_) @name)))
(inheritance_specifier inherits_from: (_) @base)
