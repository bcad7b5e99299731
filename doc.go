// Package leadport holds nothing but the tests of the whole project: which
// package may import which, and that every rule has its tests. The program is
// in cmd/leadport, its parts in internal.
package leadport
