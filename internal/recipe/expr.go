package recipe

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"

	"github.com/leadport/leadport/internal/lead"
)

// Bounds of an expression. With no loops, no ranges and every text cut off at
// maxText, an expression takes time linear in its nodes.
const (
	maxExpr  = 4 << 10 // bytes of source
	maxNodes = 300
	maxText  = 64 << 10 // bytes of any text it makes
)

// exprEnv is what an expression sees. Row is patched in: row["City"] becomes
// Cells[4] when it is compiled, so that running it looks nothing up.
type exprEnv struct {
	Value string            `expr:"value"`
	Row   map[string]string `expr:"row"`
	Cells []string          `expr:"cells"`
}

// compileExpr compiles an expression over the record. Only pure functions are
// there: the operators of expr-lang, len, int, float, string, abs, round,
// floor, ceil, hasPrefix, hasSuffix, indexOf and
//
//	trim(text) upper(text) lower(text) replace(text, old, new)
//	part(text, separator, n)   piece n from 1; negative counts from the end; "" if there is none
//	join(separator, a, b, …)   leaves out what is blank
//	digits(text)               the digits alone
//
// column gives the index of a heading, or -1. Errors wrap lead.ErrInvalid.
func compileExpr(source string, column func(heading string) int) (*vm.Program, error) {
	if len(source) > maxExpr {
		return nil, fmt.Errorf("expression is longer than %d bytes: %w", maxExpr, lead.ErrInvalid)
	}
	guard := &guard{column: column}
	options := append([]expr.Option{
		expr.Env(exprEnv{}),
		expr.MaxNodes(maxNodes),
		expr.DisableAllBuiltins(),
		expr.Patch(guard),
		expr.Operator("+", "concat"),
	}, functions()...)
	for _, name := range []string{"len", "int", "float", "string", "abs", "round", "floor", "ceil", "hasPrefix", "hasSuffix", "indexOf"} {
		options = append(options, expr.EnableBuiltin(name))
	}
	program, err := expr.Compile(source, options...)
	if guard.rows != 0 && err == nil {
		guard.refuse(wantHeading)
	}
	if guard.err != nil {
		return nil, guard.err
	}
	if err != nil {
		return nil, fmt.Errorf("expression %q: %s: %w", source, firstLine(err), lead.ErrInvalid)
	}
	return program, nil
}

const wantHeading = `row[…] takes a heading in quotes: row["City"]`

// guard resolves row["Heading"] and refuses what could run long. It is shown
// the nodes of an expression from the leaves up.
type guard struct {
	column func(heading string) int
	rows   int // mentions of row that are not resolved
	err    error
}

func (g *guard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		switch n.Value {
		case "row":
			g.rows++
		case "cells":
			g.refuse("there is no name cells; " + wantHeading)
		}
	case *ast.MemberNode:
		root, ok := n.Node.(*ast.IdentifierNode)
		if !ok || root.Value != "row" {
			return
		}
		heading, ok := n.Property.(*ast.StringNode)
		if !ok {
			g.refuse(wantHeading)
			return
		}
		i := g.column(heading.Value)
		if i < 0 {
			g.refuse(fmt.Sprintf("the file has no column %q", heading.Value))
			return
		}
		g.rows--
		ast.Patch(node, &ast.MemberNode{Node: &ast.IdentifierNode{Value: "cells"}, Property: &ast.IntegerNode{Value: i}})
	case *ast.BinaryNode:
		if n.Operator == ".." {
			g.refuse("ranges are not available")
		}
	case *ast.PredicateNode, *ast.ArrayNode, *ast.MapNode:
		g.refuse("lists and loops are not available")
	}
}

func (g *guard) refuse(why string) {
	if g.err == nil {
		g.err = fmt.Errorf("%s: %w", why, lead.ErrInvalid)
	}
}

func functions() []expr.Option {
	text1 := func(name string, f func(string) string) expr.Option {
		return expr.Function(name, func(in ...any) (any, error) { return bounded(f(in[0].(string))) }, new(func(string) string))
	}
	return []expr.Option{
		text1("trim", strings.TrimSpace),
		text1("upper", strings.ToUpper),
		text1("lower", strings.ToLower),
		text1("digits", func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return r
				}
				return -1
			}, s)
		}),
		expr.Function("concat", func(in ...any) (any, error) {
			return bounded(in[0].(string) + in[1].(string))
		}, new(func(string, string) string)),
		expr.Function("replace", func(in ...any) (any, error) {
			text, old, with := in[0].(string), in[1].(string), in[2].(string)
			if len(text)+strings.Count(text, old)*(len(with)-len(old)) > maxText {
				return bounded(strings.Repeat(" ", maxText+1))
			}
			return strings.ReplaceAll(text, old, with), nil
		}, new(func(string, string, string) string)),
		expr.Function("part", func(in ...any) (any, error) {
			return part(in[0].(string), in[1].(string), in[2].(int)), nil
		}, new(func(string, string, int) string)),
		expr.Function("join", func(in ...any) (any, error) {
			var kept []string
			for _, v := range in[1:] {
				if s, _ := v.(string); strings.TrimSpace(s) != "" {
					kept = append(kept, s)
				}
			}
			return bounded(strings.Join(kept, in[0].(string)))
		}, new(func(string, ...string) string)),
	}
}

func bounded(s string) (any, error) {
	if len(s) > maxText {
		return nil, fmt.Errorf("the text grows past %d bytes", maxText)
	}
	return s, nil
}

func part(text, separator string, n int) string {
	pieces := strings.Split(text, separator)
	if separator == "" {
		pieces = []string{text}
	}
	if n < 0 {
		n += len(pieces) + 1
	}
	if n < 1 || n > len(pieces) {
		return ""
	}
	return strings.TrimSpace(pieces[n-1])
}

// runExpr evaluates an expression over a record with as many cells as the file
// has columns. It fails where the expression does: int("x"), a text without
// end.
func runExpr(program *vm.Program, value string, cells []string) (string, error) {
	var machine vm.VM
	machine.MemoryBudget = maxText
	out, err := machine.Run(program, exprEnv{Value: value, Cells: cells})
	if err != nil {
		return "", fmt.Errorf("%s: %w", firstLine(err), lead.ErrInvalid)
	}
	switch v := out.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", nil
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("the expression gives no text or number: %w", lead.ErrInvalid)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
