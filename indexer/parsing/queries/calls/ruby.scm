(call receiver: (_) @object method: (_) @name)
(call !receiver method: (_) @name)
(superclass (_) @base)
(assignment left: (_) @variable right: (_) @value)
