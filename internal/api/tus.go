package api

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/leadport/leadport/internal/access"
	"github.com/leadport/leadport/internal/importer"
	"github.com/leadport/leadport/internal/lead"
)

// Resumable uploads: tus 1.0.0 with the extensions creation and termination
// (https://tus.io/protocols/resumable-upload). A complete upload becomes an
// import, which the header Leadport-Import of the last answer names.
const tusVersion = "1.0.0"

type TusHead struct {
	Resumable string `header:"Tus-Resumable"`
}

type tusAnswer struct {
	Resumable string `header:"Tus-Resumable"`
	Location  string `header:"Location"`
	Offset    string `header:"Upload-Offset"`
	Length    string `header:"Upload-Length"`
	Metadata  string `header:"Upload-Metadata"`
	Import    string `header:"Leadport-Import"`
	Version   string `header:"Tus-Version"`
	Extension string `header:"Tus-Extension"`
	MaxSize   string `header:"Tus-Max-Size"`
}

type UploadPath struct {
	Upload string `path:"upload" maxLength:"100"`
}

func (a *API) tusRoutes() {
	add(a, route{Method: "OPTIONS", Path: "/uploads", Needs: anyone, Tag: "Resumable uploads", Summary: "What of tus is spoken here", Status: http.StatusNoContent},
		func(context.Context, access.Principal, *none) (*tusAnswer, error) {
			return &tusAnswer{Resumable: tusVersion, Version: tusVersion, Extension: "creation,termination", MaxSize: fmt.Sprint(a.MaxUpload)}, nil
		})
	add(a, route{Method: "POST", Path: "/uploads", Needs: access.Import, Tag: "Resumable uploads", Summary: "Begin a resumable upload", Status: http.StatusCreated},
		func(ctx context.Context, p access.Principal, in *struct {
			TusHead
			Raw
			Length   int64  `header:"Upload-Length" minimum:"0" required:"true"`
			Metadata string `header:"Upload-Metadata" maxLength:"4000" doc:"filename, in base64"`
		}) (*tusAnswer, error) {
			if err := in.speaks(); err != nil {
				return nil, err
			}
			if in.Length > a.MaxUpload {
				return nil, fmt.Errorf("a file has at most %d bytes: %w", a.MaxUpload, ErrTooLarge)
			}
			u := Upload{ID: strings.ToLower(access.HashSecret(access.NewSecret())[:32]), Name: fileName(tusName(in.Metadata)), Length: in.Length}
			if err := a.Parts.Create(ctx, u.ID); err != nil {
				return nil, err
			}
			if err := a.Store.AddUpload(ctx, p, u); err != nil {
				return nil, errors.Join(err, a.Parts.Remove(ctx, u.ID))
			}
			out := &tusAnswer{Resumable: tusVersion, Location: Prefix + "/uploads/" + u.ID}
			if u.Length == 0 {
				return a.finishUpload(ctx, p, u, out)
			}
			return out, nil
		})
	add(a, route{Method: "HEAD", Path: "/uploads/{upload}", Needs: access.Import, Tag: "Resumable uploads", Summary: "How much has arrived"},
		func(ctx context.Context, p access.Principal, in *struct {
			TusHead
			UploadPath
		}) (*tusAnswer, error) {
			if err := in.speaks(); err != nil {
				return nil, err
			}
			u, size, err := a.uploadAt(ctx, p, in.Upload)
			if err != nil {
				return nil, err
			}
			return &tusAnswer{Resumable: tusVersion, Offset: fmt.Sprint(size), Length: fmt.Sprint(u.Length), Import: importHeader(u.Import)}, nil
		})
	add(a, route{Method: "PATCH", Path: "/uploads/{upload}", Needs: access.Import, Tag: "Resumable uploads", Summary: "Send more, from where it stands", Status: http.StatusNoContent,
		Body: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/offset+octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}},
		func(ctx context.Context, p access.Principal, in *struct {
			TusHead
			UploadPath
			Raw
			Offset int64  `header:"Upload-Offset" minimum:"0" required:"true"`
			Type   string `header:"Content-Type"`
		}) (*tusAnswer, error) {
			if err := in.speaks(); err != nil {
				return nil, err
			}
			if in.Type != "application/offset+octet-stream" {
				return nil, &Problem{Status: http.StatusUnsupportedMediaType, Code: "tus", Detail: "A part of an upload is application/offset+octet-stream."}
			}
			return a.append(ctx, p, in.ctx, in.Upload, in.Offset)
		})
	add(a, route{Method: "DELETE", Path: "/uploads/{upload}", Needs: access.Import, Tag: "Resumable uploads", Summary: "Give an upload up", Status: http.StatusNoContent},
		func(ctx context.Context, p access.Principal, in *struct {
			TusHead
			UploadPath
		}) (*tusAnswer, error) {
			if err := in.speaks(); err != nil {
				return nil, err
			}
			if !a.uploads.take(in.Upload) {
				return nil, busy()
			}
			defer a.uploads.give(in.Upload)
			if err := a.Store.DropUpload(ctx, p, in.Upload); err != nil {
				return nil, err
			}
			return &tusAnswer{Resumable: tusVersion}, a.Parts.Remove(ctx, in.Upload)
		})
}

// importHeader is empty, which leaves the header out, where there is no import yet.
func importHeader(id int64) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprint(id)
}

func (h TusHead) speaks() error {
	if h.Resumable != tusVersion {
		return &Problem{Status: http.StatusPreconditionFailed, Code: "tus", Detail: "This server speaks tus " + tusVersion + ": send the header Tus-Resumable."}
	}
	return nil
}

func busy() error {
	return &Problem{Status: http.StatusLocked, Code: "busy", Detail: "Another request writes to this upload.", cause: lead.ErrConflict}
}

// tusName is the file name in Upload-Metadata: pairs of a key and a base64
// value, separated by commas.
func tusName(metadata string) string {
	for pair := range strings.SplitSeq(metadata, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		if name, err := base64.StdEncoding.DecodeString(value); err == nil && (key == "filename" || key == "name") {
			return strings.ToValidUTF8(string(name), "")
		}
	}
	return ""
}

// uploadAt returns one's upload and how much of it has arrived.
func (a *API) uploadAt(ctx context.Context, p access.Principal, id string) (Upload, int64, error) {
	u, err := a.Store.GetUpload(ctx, p, id)
	if err != nil {
		return u, 0, err
	}
	if u.Import != 0 {
		return u, u.Length, nil
	}
	size, err := a.Parts.Size(ctx, id)
	return u, size, err
}

func (a *API) append(ctx context.Context, p access.Principal, hc huma.Context, id string, offset int64) (*tusAnswer, error) {
	if !a.uploads.take(id) {
		return nil, busy()
	}
	defer a.uploads.give(id)
	u, size, err := a.uploadAt(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if size != offset {
		return nil, &Problem{Status: http.StatusConflict, Code: "offset", Detail: fmt.Sprintf("%d bytes have arrived, not %d.", size, offset), cause: lead.ErrConflict}
	}
	r, w := humago.Unwrap(hc)
	http.NewResponseController(w).SetReadDeadline(time.Time{})
	if u.Import == 0 && offset < u.Length {
		if r.ContentLength > u.Length-offset {
			return nil, fmt.Errorf("the upload has %d bytes, this goes beyond: %w", u.Length, ErrTooLarge)
		}
		// What came before a cut is kept: the client asks how much, and goes on.
		if size, err = a.Parts.Append(ctx, id, offset, io.LimitReader(r.Body, u.Length-offset)); err != nil {
			return nil, err
		}
	}
	out := &tusAnswer{Resumable: tusVersion, Offset: fmt.Sprint(size), Import: importHeader(u.Import)}
	if size < u.Length || u.Import != 0 {
		return out, nil
	}
	return a.finishUpload(ctx, p, u, out)
}

// finishUpload makes an import of a complete upload.
func (a *API) finishUpload(ctx context.Context, p access.Principal, u Upload, out *tusAnswer) (*tusAnswer, error) {
	ctx = context.WithoutCancel(ctx) // the bytes are here
	f, err := a.Parts.Open(ctx, u.ID)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	imp, err := a.Engine.Upload(ctx, p, u.Name, func() (string, int64, error) { return a.Files.Put(ctx, f, a.MaxUpload) }, importer.Options{})
	if err != nil {
		return nil, err
	}
	if err := a.Store.EndUpload(ctx, p, u.ID, imp.ID); err != nil {
		return nil, err
	}
	out.Offset, out.Import = fmt.Sprint(u.Length), importHeader(imp.ID)
	return out, a.Parts.Remove(ctx, u.ID)
}
