// Package bundle makes the files that the browser gets from internal/web/src
// and internal/web/vendor. It must not be imported by the program: the result
// is committed and embedded.
package bundle

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// aliases are the names under which the sources import what is vendored.
func aliases(dir string) map[string]string {
	list := map[string]string{}
	for name, file := range map[string]string{
		"preact":                 "preact/preact.mjs",
		"preact/hooks":           "preact/hooks/hooks.mjs",
		"preact/jsx-runtime":     "preact/jsx-runtime/jsxRuntime.mjs",
		"@preact/signals":        "signals/signals.mjs",
		"@preact/signals-core":   "signals-core/signals-core.mjs",
		"@tanstack/virtual-core": "virtual-core/index.js",
	} {
		list[name] = filepath.Join(dir, "vendor", filepath.FromSlash(file))
	}
	return list
}

// Build makes the bundle from the folder internal/web, in memory: name below
// dist (with slashes) to content. The same sources give the same bytes. A
// warning is an error.
func Build(dir string) (map[string][]byte, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	out := filepath.Join(dir, "dist")
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     dir,
		EntryPoints:       []string{"src/main.tsx"},
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Target:            api.ES2022,
		Format:            api.FormatESModule,
		Outdir:            out,
		EntryNames:        "assets/app-[hash]",
		AssetNames:        "assets/[name]-[hash]",
		Alias:             aliases(dir),
		JSX:               api.JSXAutomatic,
		JSXImportSource:   "preact",
		Loader:            map[string]api.Loader{".woff2": api.LoaderFile},
		LegalComments:     api.LegalCommentsNone,
		// light-dark() is what the two themes are made of; esbuild would
		// otherwise replace it for older browsers by rules of its own.
		Supported: map[string]bool{"nesting": true},
		Plugins:   []api.Plugin{icons()},
		TsconfigRaw: `{"compilerOptions":{"jsx":"react-jsx","jsxImportSource":"preact","verbatimModuleSyntax":true,
			"useDefineForClassFields":true}}`,
		Define: map[string]string{"process.env.NODE_ENV": `"production"`},
	})
	var failed error
	for _, m := range append(result.Errors, result.Warnings...) {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d:%d: ", m.Location.File, m.Location.Line, m.Location.Column)
		}
		failed = errors.Join(failed, errors.New(where+m.Text))
	}
	if failed != nil {
		return nil, fmt.Errorf("bundle %s: %w", dir, failed)
	}
	page, err := os.ReadFile(filepath.Join(dir, "src", "index.html"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range result.OutputFiles {
		name, err := filepath.Rel(out, f.Path)
		if err != nil {
			return nil, err
		}
		name = filepath.ToSlash(name)
		files[name] = f.Contents
		if regexp.MustCompile(`^assets/app-\w+\.(js|css)$`).MatchString(name) {
			page = bytes.ReplaceAll(page, []byte("app"+filepath.Ext(name)+`"`), []byte("/"+name+`"`))
		}
	}
	icon, err := os.ReadFile(filepath.Join(dir, "src", "icon.svg"))
	if err != nil {
		return nil, err
	}
	files["icon.svg"] = icon
	files["index.html"] = page
	return files, nil
}

// icons loads an SVG as its drawing: [[tag, attributes], …].
func icons() api.Plugin {
	return api.Plugin{Name: "icons", Setup: func(b api.PluginBuild) {
		b.OnLoad(api.OnLoadOptions{Filter: `\.svg$`}, func(a api.OnLoadArgs) (api.OnLoadResult, error) {
			shapes, err := drawing(a.Path)
			if err != nil {
				return api.OnLoadResult{}, err
			}
			text, err := json.Marshal(shapes)
			content := "export default " + string(text)
			return api.OnLoadResult{Contents: &content, Loader: api.LoaderJS}, err
		})
	}}
}

// drawing reads the shapes directly below <svg>.
func drawing(name string) ([][2]any, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var shapes [][2]any
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return shapes, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local == "svg" {
			continue
		}
		attrs := map[string]string{}
		for _, a := range e.Attr {
			attrs[a.Name.Local] = a.Value
		}
		shapes = append(shapes, [2]any{e.Name.Local, attrs})
	}
}

// Write puts the bundle below dir/dist and removes what is no longer part of it.
func Write(dir string, files map[string][]byte) error {
	out := filepath.Join(dir, "dist")
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	for name, text := range files {
		if strings.Contains(name, "..") {
			return fmt.Errorf("write %s: outside dist", name)
		}
		to := filepath.Join(out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
