import multiprocessing
import sys

if __name__ == "__main__":
    # In a package a child process starts this same program: freeze_support() turns it into that child.
    multiprocessing.freeze_support()
    from tools.sign.main import main

    sys.exit(main())
