package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
)

type createdImport struct {
	Location string `header:"Location"`
	Body     importInfo
}

func (a *API) uploadRoutes() {
	form := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: "object",
		Properties: map[string]*huma.Schema{"file": {Type: "string", Format: "binary"}}, Required: []string{"file"}}}}}
	add(a, route{Method: "POST", Path: "/imports", Needs: access.Import, Tag: "Imports", Summary: "Upload a file; it becomes a draft", Status: http.StatusCreated, Body: form},
		func(ctx context.Context, p access.Principal, in *struct {
			Raw
			Key string `header:"Idempotency-Key" maxLength:"255"`
		}) (*createdImport, error) {
			r, w := humago.Unwrap(in.ctx)
			http.NewResponseController(w).SetReadDeadline(time.Time{}) // a large file takes its time; stalls end by the server's limits
			return a.upload(ctx, p, r, in.Key)
		})
	a.tusRoutes()
}

// upload streams the file of a form to its place. With an Idempotency-Key one
// of any number of equal uploads makes an import.
func (a *API) upload(ctx context.Context, p access.Principal, r *http.Request, key string) (*createdImport, error) {
	if key == "" {
		return a.uploadOnce(ctx, p, r, "")
	}
	found, err := a.Store.Remember(ctx, p, key, uploadRequest, a.Now().Add(-staleUpload))
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		out, err := a.uploadOnce(ctx, p, r, key)
		if err != nil {
			err = errors.Join(err, a.Store.Answered(context.WithoutCancel(ctx), p, key, 0, ""))
		}
		return out, err
	case found.Request != uploadRequest:
		return nil, otherRequest()
	case found.Status == 0:
		return nil, underWay()
	}
	part, err := filePart(r)
	if err != nil {
		return nil, err
	}
	sum, _, err := a.Files.Put(ctx, part, a.MaxUpload)
	if err != nil {
		return nil, err
	}
	var id int64
	if _, err := fmt.Sscan(found.Answer, &id); err != nil {
		return nil, err
	}
	imp, err := a.Store.GetImport(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if imp.SHA256 != sum {
		return nil, otherRequest()
	}
	return a.created(ctx, imp)
}

// uploadRequest stands for any upload; which bytes it was, the import knows.
const uploadRequest = "upload"

// staleUpload is when an upload that never answered counts as lost.
const staleUpload = 2 * time.Hour

func (a *API) uploadOnce(ctx context.Context, p access.Principal, r *http.Request, key string) (*createdImport, error) {
	part, err := filePart(r)
	if err != nil {
		return nil, err
	}
	imp, err := a.Engine.Upload(ctx, p, fileName(part.FileName()), func() (string, int64, error) {
		return a.Files.Put(ctx, part, a.MaxUpload)
	}, importer.Options{})
	if err != nil {
		return nil, err
	}
	if key != "" {
		if err := a.Store.Answered(context.WithoutCancel(ctx), p, key, http.StatusCreated, fmt.Sprint(imp.ID)); err != nil {
			return nil, err
		}
	}
	return a.created(ctx, imp)
}

func (a *API) created(ctx context.Context, imp *importer.Import) (*createdImport, error) {
	info, err := a.importOf(ctx, imp)
	return &createdImport{Prefix + fmt.Sprintf("/imports/%d", imp.ID), info}, err
}

func filePart(r *http.Request) (*multipart.Part, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, &Problem{Status: http.StatusUnsupportedMediaType, Code: "multipart", Detail: "An upload is a form (multipart/form-data) with a field named file.", cause: err}
	}
	for {
		part, err := form.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil, &Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Detail: "The form has no field named file.", cause: err}
		case err != nil:
			return nil, &Problem{Status: http.StatusBadRequest, Code: "multipart", Detail: "The form broke off.", cause: err}
		case part.FormName() == "file":
			return part, nil
		}
	}
}

// fileName is an uploaded name as it is kept: no folders, no control
// characters, at most 255 bytes. It is only ever shown.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	for len(name) > 255 {
		r := []rune(name)
		name = string(r[:len(r)-1])
	}
	if name == "" || name == "." || name == "/" {
		return "upload"
	}
	return name
}

// uploadLocks lets one request at a time write to an upload.
type uploadLocks struct {
	mu   sync.Mutex
	held map[string]bool
}

func (l *uploadLocks) take(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]bool{}
	}
	if l.held[id] {
		return false
	}
	l.held[id] = true
	return true
}

func (l *uploadLocks) give(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, id)
}
