# The two commands of a new machine; the set-up comes with the first issue's tooling.
.PHONY: test
test:
	swift test -c release -Xswiftc -enable-testing --disable-xctest
