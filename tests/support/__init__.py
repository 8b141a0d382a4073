"""What several tests share: a Redis server, a site on loopback, a daemon in a process, readers of the stream."""
