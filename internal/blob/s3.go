package blob

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// S3 is a Store in a bucket of an S3-compatible service:
//
//	PREFIX/tmp/RANDOM            uploads being put together
//	PREFIX/content/ab/cd/abcd…   what Put stored
//	PREFIX/named/NAME            what Commit named
//	PREFIX/parts/ID/OFFSET       uploads under way (S3Parts)
//
// A file in the making lies in a folder of this machine, since S3 knows no
// writing at an offset.
type S3 struct {
	place   s3Place
	core    *minio.Core
	scratch *os.Root
}

const (
	s3Tries = 6        // of a request, over some 3 s
	s3Part  = 16 << 20 // bytes held in memory of an upload, so that a part can be sent again
	s3Clean = 10 * time.Second
)

// OpenS3 opens a bucket that exists; scratch is a folder of this machine for
// files in the making, which is made if it is not there. It fails with a message
// that says what to mend if the bucket cannot be used.
func OpenS3(ctx context.Context, place, scratch string) (*S3, error) {
	p, err := parseS3(place)
	if err != nil {
		return nil, err
	}
	core, err := p.client()
	if err != nil {
		return nil, fmt.Errorf("the place of files %s: %w", p, err)
	}
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for files in the making: %w", kind(err))
	}
	root, err := os.OpenRoot(scratch)
	if err != nil {
		return nil, fmt.Errorf("open the folder for files in the making: %w", err)
	}
	s := &S3{p, core, root}
	if err := s.Ready(ctx); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Close releases the folder for files in the making.
func (s *S3) Close() error { return s.scratch.Close() }

// Ready implements Store.
func (s *S3) Ready(ctx context.Context) error {
	found, err := s.core.BucketExists(ctx, s.place.bucket)
	if err == nil && !found {
		err = minio.ErrorResponse{Code: minio.NoSuchBucket}
	}
	return s.err("look at the bucket", err)
}

// Put implements Store. What fits into one part is stored in one request; more
// goes to a temporary name, part by part, and gets its own once its sum is known,
// by a copy within the service.
func (s *S3) Put(ctx context.Context, r io.Reader, limit int64) (ref Ref, err error) {
	first := make([]byte, s3Part)
	n, err := readPart(ctx, r, first)
	if int64(n) > limit {
		err = fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	if err != nil {
		return Ref{}, s.err("store file", err)
	}
	if n < len(first) {
		sum := sha256.Sum256(first[:n])
		ref := Ref{SHA256: hex.EncodeToString(sum[:]), Size: int64(n)}
		return ref, s.err("store file", s.putSmall(ctx, contentPath(ref.SHA256), first[:n]))
	}
	ref, err = s.putLarge(ctx, first, r, limit)
	return ref, s.err("store file", err)
}

// readPart fills b from r, less only at r's end.
func readPart(ctx context.Context, r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	if err == io.EOF {
		return n, nil
	}
	if err != nil {
		return n, fmt.Errorf("read its bytes: %w", err)
	}
	return n, nil
}

func (s *S3) putSmall(ctx context.Context, at string, b []byte) error {
	body := newLent(b)
	defer body.giveBack()
	_, err := s.core.Client.PutObject(ctx, s.place.bucket, s.place.prefix+at, body, int64(len(b)),
		minio.PutObjectOptions{SendContentMd5: true, DisableMultipart: true})
	return err
}

// lent is memory that a request sends and that is then used again: a request
// that was answered before all of it was sent may go on reading for a while.
type lent struct {
	mu sync.Mutex
	r  *bytes.Reader // nil once it is given back
}

func newLent(b []byte) *lent { return &lent{r: bytes.NewReader(b)} }

func (l *lent) giveBack() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.r = nil
}

// Read implements io.Reader.
func (l *lent) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.r == nil {
		return 0, io.ErrClosedPipe
	}
	return l.r.Read(p)
}

// Seek implements io.Seeker, so that a request can be sent again.
func (l *lent) Seek(offset int64, whence int) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.r == nil {
		return 0, io.ErrClosedPipe
	}
	return l.r.Seek(offset, whence)
}

// putLarge stores first and what follows it in r.
func (s *S3) putLarge(ctx context.Context, first []byte, r io.Reader, limit int64) (ref Ref, err error) {
	tmp := s.place.prefix + path.Join("tmp", rand.Text())
	id, err := s.core.NewMultipartUpload(ctx, s.place.bucket, tmp, minio.PutObjectOptions{})
	if err != nil {
		return ref, err
	}
	complete := false
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s3Clean)
		defer cancel()
		var left error // what fails here, Sweep finds
		if complete {
			left = s.core.RemoveObject(ctx, s.place.bucket, tmp, minio.RemoveObjectOptions{})
		} else {
			left = s.core.AbortMultipartUpload(ctx, s.place.bucket, tmp, id)
		}
		if err != nil {
			err = errors.Join(err, left)
		}
	}()
	hash := sha256.New()
	var parts []minio.CompletePart
	for b := first; len(b) > 0; {
		if ref.Size += int64(len(b)); ref.Size > limit {
			return ref, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
		}
		hash.Write(b)
		sum := md5.Sum(b)
		body := newLent(b)
		part, err := s.core.PutObjectPart(ctx, s.place.bucket, tmp, id, len(parts)+1, body, int64(len(b)),
			minio.PutObjectPartOptions{Md5Base64: base64.StdEncoding.EncodeToString(sum[:])})
		body.giveBack()
		if err != nil {
			return ref, err
		}
		parts = append(parts, minio.CompletePart{PartNumber: part.PartNumber, ETag: part.ETag})
		n, err := readPart(ctx, r, first)
		if err != nil {
			return ref, err
		}
		b = first[:n]
	}
	if _, err := s.core.CompleteMultipartUpload(ctx, s.place.bucket, tmp, id, parts, minio.PutObjectOptions{}); err != nil {
		return ref, err
	}
	complete = true
	ref.SHA256 = hex.EncodeToString(hash.Sum(nil))
	to := s.place.prefix + contentPath(ref.SHA256)
	// In parts where it is over the 5 GiB that one copy takes.
	_, err = s.core.ComposeObject(ctx, minio.CopyDestOptions{Bucket: s.place.bucket, Object: to}, minio.CopySrcOptions{Bucket: s.place.bucket, Object: tmp})
	if err != nil {
		err = errors.Join(err, s.giveUp(ctx, to))
	}
	return ref, err
}

// giveUp ends uploads to a name that were begun and not completed.
func (s *S3) giveUp(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s3Clean)
	defer cancel()
	return s.core.RemoveIncompleteUpload(ctx, s.place.bucket, key)
}

// Create implements Store.
func (s *S3) Create(ctx context.Context) (*Writer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, tmp, err := temporary(s.scratch, ".")
	if err != nil {
		return nil, fmt.Errorf("begin file: %w", kind(err))
	}
	remove := func() error {
		if err := s.scratch.Remove(tmp); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return &Writer{
		file: f,
		commit: func(name string) error {
			if err := s.send(ctx, tmp, s.place.prefix+path.Join("named", name)); err != nil {
				return err
			}
			return remove()
		},
		abort: remove,
	}, nil
}

// send uploads a file of the scratch folder.
func (s *S3) send(ctx context.Context, tmp, key string) error {
	f, err := s.scratch.Open(tmp)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_, err = s.core.Client.PutObject(ctx, s.place.bucket, key, f, info.Size(), minio.PutObjectOptions{PartSize: s3Part, NumThreads: 2, SendContentMd5: true})
	if err != nil && info.Size() > s3Part {
		err = errors.Join(err, s.giveUp(ctx, key))
	}
	return s.err("send it", err)
}

// Open implements Store. The file is read under ctx.
func (s *S3) Open(ctx context.Context, name string) (File, error) {
	at, err := stored(name)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	info, err := s.core.StatObject(ctx, s.place.bucket, s.place.prefix+at, minio.StatObjectOptions{})
	if err != nil {
		return nil, s.err("open file "+name, err)
	}
	return &s3File{s: s, ctx: ctx, key: s.place.prefix + at, name: name, etag: info.ETag, size: info.Size}, nil
}

// Remove implements Store.
func (s *S3) Remove(ctx context.Context, name string) error {
	at, err := stored(name)
	if err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	err = s.remove(ctx, s.place.prefix+at)
	if err == nil && contentName.MatchString(name) {
		return s.Remove(ctx, RowsOf(name))
	}
	return s.err("remove file", err)
}

func (s *S3) remove(ctx context.Context, key string) error {
	err := s.core.RemoveObject(ctx, s.place.bucket, key, minio.RemoveObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil
	}
	return err
}

// Sweep implements Store: files in the making on this machine, and uploads of
// any that were not completed.
func (s *S3) Sweep(ctx context.Context, olderThan time.Duration) (int, error) {
	removed, err := sweep(ctx, s.scratch, ".", olderThan)
	if err != nil {
		return removed, err
	}
	before := time.Now().Add(-olderThan)
	for _, folder := range []string{"tmp/", "parts/"} {
		err := s.list(ctx, folder, func(o minio.ObjectInfo) error {
			if !o.LastModified.Before(before) {
				return nil
			}
			removed++
			return s.remove(ctx, o.Key)
		})
		if err != nil {
			return removed, s.err("sweep unfinished files", err)
		}
	}
	for u := range s.core.ListIncompleteUploads(ctx, s.place.bucket, s.place.prefix, true) {
		err := u.Err
		if err == nil && u.Initiated.Before(before) {
			removed++
			err = s.core.AbortMultipartUpload(ctx, s.place.bucket, u.Key, u.UploadID)
		}
		if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchUpload {
			return removed, s.err("sweep unfinished uploads", err)
		}
	}
	return removed, nil
}

// Each implements Store.
func (s *S3) Each(ctx context.Context, f func(name string, size int64) error) error {
	for _, folder := range []string{"content/", "named/"} {
		err := s.list(ctx, folder, func(o minio.ObjectInfo) error {
			name := path.Base(o.Key)
			if at, err := stored(name); err != nil || s.place.prefix+at != o.Key {
				return nil // not of our making
			}
			return f(name, o.Size)
		})
		if err != nil {
			return s.err("list files", err)
		}
	}
	return nil
}

// list goes over the objects in a folder, in the order of their names.
func (s *S3) list(ctx context.Context, folder string, f func(minio.ObjectInfo) error) error {
	for o := range s.core.ListObjectsIter(ctx, s.place.bucket, minio.ListObjectsOptions{Prefix: s.place.prefix + folder, Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if err := f(o); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// err says what failed, where and what to do, and adds the kind of the error.
func (s *S3) err(what string, err error) error {
	if err == nil || errors.Is(err, ErrTooLarge) {
		return wrap(what, err)
	}
	var answer minio.ErrorResponse
	var network net.Error
	var request *url.Error
	switch {
	case errors.Is(err, context.Canceled):
	case errors.As(err, &answer):
		err = s.answered(answer, err)
	case errors.As(err, &network), errors.As(err, &request), errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("%w: %s gives no answer; check the endpoint and the way to it: %w", ErrUnavailable, s.place, err)
	}
	return wrap(what, err)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// answered sorts the error codes of S3 (Amazon S3 API Reference, "Error
// responses").
func (s *S3) answered(a minio.ErrorResponse, err error) error {
	is := func(codes ...string) bool { return slices.Contains(codes, a.Code) }
	switch {
	case is(minio.NoSuchBucket):
		return fmt.Errorf("%w: there is no bucket %s at %s; make it, or name another with --files", ErrUnavailable, s.place.bucket, s.place.endpoint)
	case is(minio.NoSuchKey, minio.NoSuchUpload), a.StatusCode == http.StatusPreconditionFailed:
		return fmt.Errorf("%s: %w", s.place, fs.ErrNotExist)
	case is(minio.InvalidAccessKeyID, minio.SignatureDoesNotMatch, minio.AccessDenied, "ExpiredToken", "InvalidToken"), a.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: %s refuses the key (%s); check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that it may read, write, list and delete there", fs.ErrPermission, s.place, a.Code)
	case is("QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"), a.StatusCode == http.StatusInsufficientStorage:
		return fmt.Errorf("%w: %s is full", ErrNoSpace, s.place)
	case a.StatusCode >= 500 || a.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%w: %s gives no service at present (%s)", ErrUnavailable, s.place, a.Code)
	case strings.HasPrefix(a.Code, "AuthorizationHeaderMalformed"), is("InvalidRegion", "PermanentRedirect"):
		return fmt.Errorf("%s is in another region (%s): set AWS_REGION or ?region=: %w", s.place, a.Region, err)
	}
	return fmt.Errorf("%s: %w", s.place, err)
}
