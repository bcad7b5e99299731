package blob

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// IsS3 reports whether a place for files is s3://….
func IsS3(place string) bool { return strings.HasPrefix(place, "s3://") }

// s3Place is where a store in S3 is.
type s3Place struct {
	bucket, prefix string // prefix is "" or ends with /
	endpoint       string // host or host:port
	secure         bool
	region         string
	lookup         minio.BucketLookupType
}

// parseS3 reads s3://bucket/prefix?endpoint=…&region=…&insecure=…&path-style=….
// What the URL does not say comes from the variables that the tools of AWS
// read, too (AWS SDKs and Tools Reference Guide).
func parseS3(text string) (p s3Place, err error) {
	u, err := url.Parse(text)
	if err != nil {
		return p, fmt.Errorf("the place of files is no URL: %w", err)
	}
	if u.User != nil {
		return p, fmt.Errorf("the place of files holds a key: %s can be seen by others. Put keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", u.Redacted())
	}
	p.bucket = u.Host
	if p.bucket == "" {
		return p, fmt.Errorf("the place of files names no bucket: write s3://bucket/prefix")
	}
	if p.prefix = strings.Trim(u.Path, "/"); p.prefix != "" {
		p.prefix += "/"
	}
	endpoint := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_S3"), os.Getenv("AWS_ENDPOINT_URL"), "https://s3.amazonaws.com")
	p.region = cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	insecure := false
	for key, values := range u.Query() {
		v := values[len(values)-1]
		switch key {
		case "endpoint":
			endpoint = v
		case "region":
			p.region = v
		case "insecure":
			insecure, err = strconv.ParseBool(v)
		case "path-style":
			var path bool
			if path, err = strconv.ParseBool(v); path {
				p.lookup = minio.BucketLookupPath
			} else {
				p.lookup = minio.BucketLookupDNS
			}
		default:
			return p, fmt.Errorf("the place of files has a parameter %q: there are endpoint, region, insecure and path-style", key)
		}
		if err != nil {
			return p, fmt.Errorf("the place of files: %s=%s must be true or false", key, v)
		}
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	e, err := url.Parse(endpoint)
	if err != nil || e.Host == "" || strings.Trim(e.Path, "/") != "" || e.Scheme != "https" && e.Scheme != "http" {
		return p, fmt.Errorf("the place of files: the endpoint %q must be host:port or https://host:port", endpoint)
	}
	p.endpoint, p.secure = e.Host, e.Scheme == "https" && !insecure
	return p, nil
}

// String is the place as messages call it.
func (p s3Place) String() string {
	return "s3://" + strings.TrimSuffix(p.bucket+"/"+p.prefix, "/") + " at " + p.endpoint
}

func (p s3Place) client() (*minio.Core, error) {
	return minio.NewCore(p.endpoint, &minio.Options{
		Creds:  credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{}}),
		Secure: p.secure, Region: p.region, BucketLookup: p.lookup, MaxRetries: s3Tries,
	})
}
