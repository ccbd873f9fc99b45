"""The product's Temporal client without what the product adds to every call."""

from temporalio.client import Client


def bare(client: Client) -> Client:
    """The same connection and converter without interceptors: for workers too, which take those of their client."""
    config = client.config()
    config["interceptors"] = []
    return Client(**config)
