(method name: (_) @name) @definition.function
(singleton_method object: (_) @receiver name: (_) @name) @definition.method
((call
  method: (identifier) @_method
  arguments: (argument_list . [(simple_symbol) (string)] @name)
  block: (_)) @definition.function
  (#eq? @_method "define_method"))

[(class name: (_) @name) (module name: (_) @name)] @definition.class

; Name = Struct.new(...) do ... end
((assignment
  left: (constant) @name
  right: (call method: (identifier) @_method block: (_))) @definition.class
  (#any-of? @_method "new" "define"))
