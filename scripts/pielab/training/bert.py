"""BERT in plain torch: importing Hugging Face's takes longer than many a job."""

from dataclasses import dataclass, fields
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Config:
    """The size of a BERT and its rates of dropout, by the names and defaults of a config.json."""

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    pad_token_id: int = 0
    model_type: str = "bert"


class Output(NamedTuple):
    """What Hugging Face's models call their output."""

    last_hidden_state: Tensor  # float (rows, tokens, width); (rows, 1, width) of pooled_only
    pooler_output: Tensor  # float (rows, width)


def _table(rows: int, width: int, padding: int | None = None) -> nn.Embedding:
    # To draw initial weights, even of no device, torch imports compilers for a second
    return nn.Embedding(rows, width, padding, _weight=torch.empty(rows, width))


class Embeddings(nn.Module):
    """Sums of the vectors of word, position and segment, normalised."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.hidden_size
        self.word_embeddings = _table(config.vocab_size, width, config.pad_token_id)
        self.position_embeddings = _table(config.max_position_embeddings, width)
        self.token_type_embeddings = _table(config.type_vocab_size, width)
        self.LayerNorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(
        self, input_ids: Tensor, token_type_ids: Tensor | None = None, **unused: object
    ) -> Tensor:
        """Return states (rows, tokens, width)."""
        position = torch.arange(input_ids.shape[1], device=input_ids.device)
        segments = torch.zeros_like(input_ids) if token_type_ids is None else token_type_ids
        states = self.word_embeddings(input_ids) + self.token_type_embeddings(segments)
        return self.dropout(self.LayerNorm(states + self.position_embeddings(position)))


class Residual(nn.Module):
    """A dense layer whose output is added to an earlier state and normalised."""

    def __init__(self, width: int, config: Config) -> None:
        super().__init__()
        self.dense = nn.Linear(width, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, read: Tensor, states: Tensor) -> Tensor:
        """Return states (rows, tokens, width)."""
        return self.LayerNorm(self.dropout(self.dense(read)) + states)


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads, self.rate = config.num_attention_heads, config.attention_probs_dropout_prob
        self.self = nn.ModuleDict(
            {name: nn.Linear(width, width) for name in ("query", "key", "value")}
        )
        self.output = Residual(width, config)

    def forward(self, states: Tensor, mask: Tensor | None, asking: int | None = None) -> Tensor:
        """Return states (rows, asking, width), of the first `asking` tokens or of all.

        `mask` is True where a token may be looked at.
        """
        first, width = states[:, :asking], states.shape[2]
        if asking == 1 and not states.is_cuda and self._is_plain():
            return self.output(self._of_first(states, mask), first)
        query, key, value = (
            self.self[name](read).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for name, read in (("query", first), ("key", states), ("value", states))
        )
        rate = self.rate if self.training else 0.0
        read = functional.scaled_dot_product_attention(query, key, value, mask, rate)
        return self.output(read.transpose(1, 2).reshape(*first.shape[:2], width), first)

    def _is_plain(self) -> bool:
        """Return whether keys and values are products with a matrix, and nobody looks at them."""
        layers = self.self["key"], self.self["value"]
        return all(type(own) is nn.Linear and not own._forward_hooks for own in layers)

    def _of_first(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """Return what the first token reads, (rows, 1, width), without the others' keys and values.

        The query is multiplied by the keys' matrix instead, and the mean of the states by the
        values': the same sums in another order, of two tokens a text instead of all.
        """
        weights = dict(self.self.named_parameters())
        query = self.self["query"](states[:, 0]).unflatten(1, (self.heads, -1)).transpose(0, 1)
        heads = (self.heads, query.shape[2])
        asked = torch.bmm(query, weights["key.weight"].unflatten(0, heads)).transpose(0, 1)
        own = torch.bmm(query, weights["key.bias"].view(*heads, 1)).transpose(
            0, 1
        )  # (rows, heads, 1)
        scores = (torch.bmm(asked, states.transpose(1, 2)) + own) * heads[1] ** -0.5
        if mask is not None:
            scores = scores.masked_fill(~mask[:, 0], float("-inf"))
        shares = functional.dropout(scores.softmax(dim=2), self.rate, self.training)
        mean = torch.bmm(shares, states).transpose(0, 1)  # (heads, rows, width)
        values = weights["value.weight"].unflatten(0, heads).transpose(1, 2)
        read = torch.bmm(mean, values).transpose(0, 1)
        # Of shares whose sum is not 1 where some are dropped
        bias = shares.sum(dim=2, keepdim=True) * weights["value.bias"].view(heads)
        return (read + bias).flatten(1)[:, None]


class Layer(nn.Module):
    """Self-attention and two dense layers."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.intermediate_size
        self.attention = Attention(config)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, width)})
        self.output = Residual(width, config)

    def forward(self, states: Tensor, mask: Tensor | None, asking: int | None = None) -> Tensor:
        """Return states (rows, asking, width)."""
        states = self.attention(states, mask, asking)
        return self.output(functional.gelu(self.intermediate["dense"](states)), states)


class Encoder(nn.Module):
    """The layers, one after another."""

    def __init__(self, layers: nn.ModuleList) -> None:
        super().__init__()
        self.layer = layers

    def forward(self, states: Tensor, mask: Tensor | None, asking: int | None = None) -> Tensor:
        """Return states (rows, asking, width); only the last layer can leave the others out."""
        *lower, last = self.layer
        for layer in lower:
            states = layer(states, mask)
        return last(states, mask, asking)


class Bert(nn.Module):
    """BERT with a pooler (Devlin et al. 2019, arXiv 1810.04805).

    Its parameters have the names, and its call the arguments, of Hugging Face's BertModel. With
    `pooled_only` the last layer computes what it says of the first token alone, which the pooler
    reads: for a single unfrozen layer that leaves a sixth of the arithmetic.
    """

    pooled_only = False

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embeddings: nn.Module = Embeddings(config)
        layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.encoder = Encoder(layers)
        self.pooler = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, config.hidden_size)})

    def forward(self, attention_mask: Tensor, **inputs: Tensor) -> Output:
        """Return states and pooled output.

        Parameters
        ----------
        attention_mask : bool or int (rows, tokens)
            Nonzero where there is text and no padding.
        inputs : tensors
            What the embeddings read, `input_ids` and perhaps `token_type_ids`.
        """
        states = self.embeddings(**inputs)
        mask = attention_mask.bool()[:, None, None, :]
        states = self.encoder(states, None if mask.all() else mask, 1 if self.pooled_only else None)
        return Output(states, torch.tanh(self.pooler["dense"](states[:, 0])))


def parse_config(values: dict) -> Config | None:
    """Return the config of a config.json, or None if it describes no plain BERT."""
    plain = (
        values.get("model_type") == "bert"
        and values.get("hidden_act", "gelu") == "gelu"
        and values.get("position_embedding_type") in (None, "absolute")
        and not values.get("is_decoder")
    )
    names = {field.name for field in fields(Config)}
    settings = {key: value for key, value in values.items() if key in names and value is not None}
    return Config(**settings) if plain else None
