// Copyright somebody.

// Package mux routes.
package mux

import (
	"fmt"
	"net/http"
)

// Mux is a router.
// It routes.
type Mux struct {
	tree *node
}

// Option configures a Mux.
type Option func(*Mux)

type (
	// A is one.
	A struct{ x int }

	B = string
)

type Walker interface {
	Walk(fn func() error) error
}

const limit = 10

var handlers = map[string]http.Handler{
	"a": nil,
}

//go:noinline
func New[T any](opts ...Option) *Mux {
	return &Mux{}
}

func init() {}

// Handle adds a route.
func (m *Mux) Handle(path string, h http.Handler) {
	m.tree.add(path, h)
}

func (l List[K, V]) Len() int { return len(l.items) }
func (List[K, V]) Nothing()   {}

func assembly(x int) int

// Long handles everything.
func (m *Mux) Long(w http.ResponseWriter, r *http.Request) error {
	switch r.Method {
	case "GET":
		fmt.Println("get")
		fmt.Println("one")
		fmt.Println("two")
		fmt.Println("three")
		fmt.Println("four")
	case "POST":
		fmt.Println("post")
		fmt.Println("one")
		fmt.Println("two")
		fmt.Println("three")
		fmt.Println("four")
	default:
		return nil
	}

	// then the handler
	handler := func(x int) int {
		if x > 1 {
			return x
		}
		return 0
	}
	for i := 0; i < handler(3); i++ {
		fmt.Println(i)
	}
	return nil
}
