#!/bin/sh
# Makes submission.zip from this folder's homework: sh collect_submission.sh [--course NAME]
exec sh "$(dirname "$0")/run.sh" collect "$@"
