from shared.runtime.entrypoint import run

if __name__ == "__main__":
    run("services.signing.main")
