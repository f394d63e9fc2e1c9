import torch

from latent_studio.latent.noise import noise_input
from latent_studio.recipe import Recipe

SHAPES = [(1, 1, 4, 4), (1, 1, 8, 8), (1, 1, 8, 8)]


def test_a_seed_gives_its_maps_whatever_else_is_drawn():
    torch.randn(3)
    noise = noise_input(Recipe(noise_mode="random", noise_seed=5), SHAPES)
    draw = torch.Generator().manual_seed(5)
    expected = [torch.randn(shape, generator=draw) for shape in SHAPES]
    assert noise.mode == "random"
    assert all(torch.equal(a, b) for a, b in zip(noise.maps, expected, strict=True))


def test_maps_are_kept_for_a_seed_and_differ_between_seeds():
    first = noise_input(Recipe(noise_mode="random", noise_seed=5), SHAPES)
    stronger = Recipe(noise_mode="random", noise_seed=5, noise_strength=2.0)
    again = noise_input(stronger, [list(shape) for shape in SHAPES])
    assert again.maps is first.maps and again.strength == 2
    other = noise_input(Recipe(noise_mode="random", noise_seed=6), SHAPES)
    assert not torch.equal(other.maps[0], first.maps[0])


def test_drawing_leaves_the_default_generator_alone():
    state = torch.random.get_rng_state()
    noise_input(Recipe(noise_mode="random", noise_seed=999), SHAPES)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_other_modes():
    assert noise_input(Recipe(), SHAPES).mode == "const"
    assert noise_input(Recipe(noise_strength=0.5), SHAPES).strength == 0.5
    assert noise_input(Recipe(noise_mode="none"), SHAPES).mode == "none"
    assert noise_input(Recipe(noise_mode="random"), []).mode == "none"


def test_huge_seeds_work():
    assert noise_input(Recipe(noise_mode="random", noise_seed=2**70), SHAPES).maps is not None


def test_layers_are_scaled_apart():
    learned = [torch.full(shape, 2.0) for shape in SHAPES]
    recipe = Recipe(noise_strength=0.5).with_noise_layer(1, 3.0)
    noise = noise_input(recipe, SHAPES, learned=lambda: learned)
    assert noise.mode == "random" and noise.strength == 0.5
    assert [float(maps.mean()) for maps in noise.maps] == [2.0, 6.0, 2.0]
    drawn = noise_input(Recipe(noise_mode="random", noise_seed=5), SHAPES)
    scaled = noise_input(
        Recipe(noise_mode="random", noise_seed=5).with_noise_layer(2, -1.0), SHAPES
    )
    assert torch.equal(scaled.maps[2], -drawn.maps[2])
    assert torch.equal(scaled.maps[0], drawn.maps[0])
    assert noise_input(recipe.with_noise_layer(1, 1.0), SHAPES).mode == "const"
    beyond = Recipe().with_noise_layer(7, 0.0)  # of a larger model
    assert noise_input(beyond, SHAPES, learned=lambda: learned).mode == "const"
