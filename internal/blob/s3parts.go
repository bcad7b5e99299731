package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
)

// S3Parts is Parts in S3: an object for every stretch that came, named by its
// offset, so that any node can take what comes next (docs/decisions/s3.md).
type S3Parts struct{ s *S3 }

// Parts keeps uploads under way beside the files.
func (s *S3) Parts() *S3Parts { return &S3Parts{s} }

// Close implements Parts.
func (p *S3Parts) Close() error { return nil }

func partFolder(id string) string             { return "parts/" + id + "/" }
func partPath(id string, offset int64) string { return fmt.Sprintf("%s%016x", partFolder(id), offset) }

// beginning is the object that says that there is an upload.
const beginning = "begin"

// Create implements Parts.
func (p *S3Parts) Create(ctx context.Context, id string) error {
	if !plainName.MatchString(id) {
		return fmt.Errorf("begin upload %q: %w", id, ErrName)
	}
	return p.s.err("begin upload", p.s.putSmall(ctx, partFolder(id)+beginning, nil))
}

// stretch is one object of an upload.
type stretch struct {
	key, etag string
	size      int64
}

// stretches are those that follow one another from the beginning. Two nodes
// that took the same bytes of a client, which went on elsewhere after a cut, may
// both have left theirs; either goes on where the one before it ends.
func (p *S3Parts) stretches(ctx context.Context, id string) (list []stretch, size int64, err error) {
	if !plainName.MatchString(id) {
		return nil, 0, fmt.Errorf("upload %q: %w", id, fs.ErrNotExist)
	}
	begun := false
	err = p.s.list(ctx, partFolder(id), func(o minio.ObjectInfo) error {
		name := o.Key[strings.LastIndexByte(o.Key, '/')+1:]
		if name == beginning {
			begun = true
			return nil
		}
		if offset, err := strconv.ParseInt(name, 16, 64); err == nil && offset == size && o.Size > 0 {
			list = append(list, stretch{o.Key, o.ETag, o.Size})
			size += o.Size
		}
		return nil
	})
	if err == nil && !begun {
		err = fs.ErrNotExist
	}
	return list, size, p.s.err("upload", err)
}

// Append implements Parts.
func (p *S3Parts) Append(ctx context.Context, id string, offset int64, r io.Reader) (int64, error) {
	_, size, err := p.stretches(ctx, id)
	if err == nil && size != offset {
		err = fmt.Errorf("%d bytes have arrived, not %d: %w", size, offset, ErrOffset)
	}
	if err != nil {
		return 0, err
	}
	buf := make([]byte, s3Part)
	for {
		n, broken := readPart(context.Background(), r, buf)
		if n > 0 {
			// What came is kept, also when the client has gone.
			if err := p.s.putSmall(context.WithoutCancel(ctx), partPath(id, size), buf[:n]); err != nil {
				return size, p.s.err("keep upload", err)
			}
			size += int64(n)
		}
		if broken != nil || n < len(buf) {
			return size, nil
		}
	}
}

// Size implements Parts.
func (p *S3Parts) Size(ctx context.Context, id string) (int64, error) {
	_, size, err := p.stretches(ctx, id)
	return size, err
}

// Open implements Parts.
func (p *S3Parts) Open(ctx context.Context, id string) (io.ReadCloser, error) {
	list, _, err := p.stretches(ctx, id)
	if err != nil {
		return nil, err
	}
	var all []io.Reader
	for _, x := range list {
		all = append(all, &s3File{s: p.s, ctx: ctx, key: x.key, name: id, etag: x.etag, size: x.size})
	}
	return io.NopCloser(io.MultiReader(all...)), nil
}

// Remove implements Parts. The beginning goes last, so that what is left by a
// kill can be removed again.
func (p *S3Parts) Remove(ctx context.Context, id string) error {
	if !plainName.MatchString(id) {
		return nil
	}
	var keys []string
	err := p.s.list(ctx, partFolder(id), func(o minio.ObjectInfo) error {
		keys = append(keys, o.Key)
		return nil
	})
	for _, key := range keys { // "begin" sorts behind all offsets but those of 2^60 bytes
		err = errors.Join(err, p.s.remove(ctx, key))
	}
	return p.s.err("remove upload", err)
}
