"""HTTP servers of this process, with limits on connections, time and file descriptors."""
