"""What has been read: covered intervals, and which windows to read next. Pure, without clock or IO."""
