package main

import (
	"os"
	"testing"
)

// The committed types are those of the API as it is.
func TestTypes(t *testing.T) {
	want, err := types()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../internal/web/src/api-types.ts")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("internal/web/src/api-types.ts is not of this API: run go generate ./internal/api")
	}
}
