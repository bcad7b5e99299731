package web_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every colour that is read on another one has the contrast of WCAG 2.2 1.4.3
// (4.5 to 1), in both themes; marks have that of 1.4.11 (3 to 1).
func TestContrast(t *testing.T) {
	text, err := os.ReadFile("src/style/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]float64{} // luminance, light and dark
	for _, m := range regexp.MustCompile(`--([\w-]+): light-dark\(oklch\(([^)/]+)\), oklch\(([^)/]+)\)\)`).FindAllStringSubmatch(string(text), -1) {
		colours[m[1]] = [2]float64{luminance(t, m[2]), luminance(t, m[3])}
	}
	pairs := [][2]string{
		{"muted", "ground"}, {"muted", "surface"}, {"muted", "raised"}, {"muted", "subtle"},
		{"link", "ground"}, {"link", "surface"}, {"link", "raised"}, {"link", "subtle"},
		{"on-accent", "accent-deep"}, {"on-error", "surface"}, {"on-error", "raised"}, {"on-warning", "surface"}, {"on-ok", "surface"},
		{"link", "warning"}, {"link", "error"}, {"link", "info"}, {"link", "ok"},
	}
	for name := range colours {
		if base, ok := strings.CutPrefix(name, "on-"); ok {
			pairs = append(pairs, [2]string{name, base})
		}
	}
	marks := [][2]string{{"accent", "surface"}, {"error-mark", "surface"}, {"ok-mark", "surface"}, {"info-mark", "surface"}}
	check := func(pair [2]string, least float64) {
		for theme, name := range []string{"light", "dark"} {
			front, ok1 := colours[pair[0]]
			back, ok2 := colours[pair[1]]
			if !ok1 || !ok2 {
				t.Fatalf("no colour %v", pair)
			}
			if got := contrast(front[theme], back[theme]); got < least {
				t.Errorf("%s on %s, %s: %.2f, at least %.1f", pair[0], pair[1], name, got, least)
			}
		}
	}
	for _, p := range pairs {
		check(p, 4.5)
	}
	for _, p := range marks {
		check(p, 3)
	}
	if len(pairs) < 20 {
		t.Errorf("only %d pairs were found", len(pairs))
	}
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// luminance of "L C H" in OKLCH, by Björn Ottosson's matrices, as WCAG 2
// computes it from linear sRGB; out of gamut is clipped as a browser may do.
func luminance(t *testing.T, text string) float64 {
	t.Helper()
	var v [3]float64
	parts := strings.Fields(text)
	if len(parts) != 3 {
		t.Fatalf("not three numbers: %q", text)
	}
	for i, p := range parts {
		f, err := strconv.ParseFloat(p, 64)
		if err != nil {
			t.Fatal(err)
		}
		v[i] = f
	}
	a, b := v[1]*math.Cos(v[2]*math.Pi/180), v[1]*math.Sin(v[2]*math.Pi/180)
	l := math.Pow(v[0]+0.3963377774*a+0.2158037573*b, 3)
	m := math.Pow(v[0]-0.1055613458*a-0.0638541728*b, 3)
	s := math.Pow(v[0]-0.0894841775*a-1.2914855480*b, 3)
	clip := func(x float64) float64 { return min(1, max(0, x)) }
	return 0.2126*clip(4.0767416621*l-3.3077115913*m+0.2309699292*s) +
		0.7152*clip(-1.2684380046*l+2.6097574011*m-0.3413193965*s) +
		0.0722*clip(-0.0041960863*l-0.7034186147*m+1.7076147010*s)
}
