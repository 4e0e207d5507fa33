(call_expression function: (identifier) @name)
(call_expression function: (field_expression value: (_) @object field: (_) @name))
(instance_expression (_) @name)
(extends_clause type: (_) @base)
