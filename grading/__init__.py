"""The examiner: asks a submission questions in another process, and marks the answers itself."""
