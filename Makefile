# The recipes stand in ./run, for machines that have no make; `make help` lists the targets.
TARGETS := help run test check bench chaos topics pictures lock clean
.DEFAULT_GOAL := help

# Variables of the command line (PORT=, ARGS=, PYTHON= ...) are in the environment of a recipe.
$(TARGETS):
	@exec ./run $@

.PHONY: $(TARGETS)
