"""How gunicorn serves the pages: `gunicorn wsgi:app` in this folder, or with `--config` and this file from elsewhere."""

worker_class = "newsletter.web.server.BufferingWorker"
workers = 2
threads = 8
# Connections of each process, most of which wait; a soft limit on open files is raised to hold them, as far as it may be.
worker_connections = 2000
# Seconds for the head of a request; for its body, and for reading the answer.
keepalive = 10
timeout = 30
control_socket_disable = True
