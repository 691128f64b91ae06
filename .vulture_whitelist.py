# ruff: noqa: F821, B018
"""Names that Python code does not read and something else does; what stands neither here nor in a caller is dead and goes.

Views, commands and listeners are found by their decorators (see `make check`) and need no line.
"""

# Columns that are written for people who look into the database.
_.invited_by  # which operator gave an editor their rights
_.settled_at  # when a delivery came to its end
_.imported_at  # when a list was first imported
_.made_at  # when a translation was made, when a link was
_.networks  # settings.Retention: read by the name of the rule
_.smtp_ca_file  # settings: given to each relay as it is read
CounterRow  # the table that `db.take_numbers` names by itself; migrations are tested against it

# Words of a table from outside: a feed may say them.
_.REPLACE
_.REPLACE_CROSS

# Read by the templates.
_.meaning  # a topic's page
_.are_categories  # the preview of a mail
_.x  # a bar of a chart, as .y
_.y
_.held_domains  # the first page of operators

# Found by the translators' tool, which collects what is marked.
SAID_ELSEWHERE

# Called or read by a library, by this name.
_.handle_RCPT  # aiosmtpd
_.factory
_._trigger_server
_.max_content_length  # Flask: a request
_.enabled  # Flask-Limiter
_.impl  # SQLAlchemy: TypeDecorator
_.cache_ok
_.inherit_cache
_on_postgresql  # SQLAlchemy: how an expression is written
_on_sqlite
_.self_group
_.load_dialect_impl
_.process_bind_param
_.process_result_value
_.trust_env  # requests: a session
_.pool_classes_by_scheme  # urllib3: a pool manager
_.handle_DATA  # aiosmtpd: a handler
_._create_server  # aiosmtpd: a controller
_.query_url_format  # arxiv: a client
_._map_language_to_code  # deep-translator: an engine
_.model_config  # pydantic
_.settings_customise_sources
_.settings_cls
_.env_settings
_.file_secret_settings
_._read_sections  # pydantic: validators
_._check_dkim
_._check_translators
_._check_money
_.undefined  # Jinja: an environment
_.lstrip_blocks
_.trim_blocks
_.login_view  # Flask-Login: a manager
_.login_message
_.session_protection
_.raw_data  # WTForms: what a field shows when it is given back
_.validate_title  # WTForms: a check of the field of this name
_.validate_url
_.validate_dated
_.validate_body
_.validate_pause_until
_.max_age  # Werkzeug: the cache control of a response
_.describe  # Prometheus: a collector
_.collect
_.regex  # Werkzeug: a converter of addresses
_.success_callback  # RQ: what a job would call besides its function
_.failure_callback
_.stopped_callback
_.job_class
_.request_stop  # RQ: a worker, and how it is asked to stop
_.signum
_._stop_requested
_.log_job_description
_.channel_class  # waitress: a listening socket, and its connections
_.maintenance
_.will_close
_.accepting
BufferingWorker  # gunicorn.conf.py names it

# What other parts will call: the steps that erase a reader and hand out what is kept of them.
erase
erase_by_link
own_data_by_link

# The tests' way to the anchors that a page of the collection links to, held against GitHub's rule.
anchors_of

# .ci/learn-subjects makes the file of subjects with it.
learn_subjects

# What a library reads of what it is given.
_.lifetime  # dnspython: the seconds that a question may take
_.direct_passthrough  # werkzeug: whether a file is sent without a look at it
_.session_interface  # flask: how sessions are read and signed

# Read by logging's formatters.
_.exc_text

# click asks it of a group.
_.format_commands
_.x  # Bar: templates/web/topic.html
_.height
