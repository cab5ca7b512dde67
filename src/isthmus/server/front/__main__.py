"""`python -m isthmus.server.front`: how `isthmus serve` starts its front."""

from isthmus.server.front.running import main

main()
