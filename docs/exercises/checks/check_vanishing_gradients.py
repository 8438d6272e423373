"""Checks your answers in vanishing_gradients.py."""
import torch
import torch.nn.functional as F
import vanishing_gradients as answers
from teaching import given, holds, same

pytest_plugins = "progress"

X = torch.linspace(-6, 6, 25, dtype=torch.float64)


def slope(function, x):
    x = x.clone().requires_grad_()
    function(x).sum().backward()
    return x.grad


def test_exercise_2_the_slope_of_the_sigmoid():
    same(answers.sigmoid_derivative(X), slope(torch.sigmoid, X), "sigmoid_derivative at 25 places from -6 to 6", "sigmoid'(x) = sigmoid(x) (1 - sigmoid(x))")


def test_exercise_2_the_slope_of_the_sigmoid_is_a_quarter_at_most():
    same(answers.sigmoid_derivative(torch.zeros(1)), [0.25], "sigmoid_derivative(0)", "sigmoid(0) is 1/2")


def test_exercise_2_the_slope_of_tanh():
    same(answers.tanh_derivative(X), slope(torch.tanh, X), "tanh_derivative at 25 places from -6 to 6", "tanh'(x) = 1 - tanh(x)^2")


def test_exercise_2_far_from_zero_both_are_flat():
    far = torch.tensor([-800.0, 800.0], dtype=torch.float64)
    same(answers.sigmoid_derivative(far), [0, 0], "sigmoid_derivative(-800) and (800)", "exp(800) overflows and gives nan: use torch.sigmoid")
    same(answers.tanh_derivative(far), [0, 0], "tanh_derivative(-800) and (800)", "exp(800) overflows and gives nan: use torch.tanh")


def network():
    """A batch, its labels and the parameters of a small perceptron; and its gradients by autograd."""
    torch.manual_seed(0)
    x, t = torch.randn(6, 5, dtype=torch.float64), torch.randint(3, (6,))
    parameters = [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in ((4, 5), (4,), (3, 4), (3,))]
    w1, b1, w2, b2 = parameters
    F.cross_entropy(torch.tanh(x @ w1.T + b1) @ w2.T + b2, t).backward()
    return x, t, [p.detach() for p in parameters], [p.grad for p in parameters]


def test_exercise_3_the_last_layer_agrees_with_autograd():
    x, t, parameters, (_, _, w2, b2) = network()
    found = given(answers.gradients(x, t, *parameters), "gradients")
    holds(isinstance(found, tuple | list) and len(found) == 4, "gradients should return four tensors: dL/dw1, dL/db1, dL/dw2, dL/db2")
    same(found[3], b2, "dL/db2", "the gradient of cross-entropy with respect to the scores is softmax - one_hot; divide by N, sum over the batch")
    same(found[2], w2, "dL/dw2", "dL/dW is delta^T h, of the shape of w2: (classes, units)")


def test_exercise_3_the_first_layer_agrees_with_autograd():
    x, t, parameters, (w1, b1, _, _) = network()
    found = given(answers.gradients(x, t, *parameters), "gradients")
    holds(isinstance(found, tuple | list) and len(found) == 4, "gradients should return four tensors: dL/dw1, dL/db1, dL/dw2, dL/db2")
    same(found[1], b1, "dL/db1", "delta_1 is delta_2 through w2, times the slope of tanh: 1 - h^2")
    same(found[0], w1, "dL/dw1", "dL/dW is delta^T x, of the shape of w1: (units, inputs)")


def test_exercise_4_every_delta_agrees_with_autograd():
    torch.manual_seed(0)
    sizes = (5, 7, 6, 4)
    weights = [torch.randn(out, size, dtype=torch.float64) for size, out in zip(sizes, sizes[1:])]  # W_2, W_3, W_4
    z = [torch.randn(5, dtype=torch.float64, requires_grad=True)]
    for weight in weights:
        z.append(weight @ torch.sigmoid(z[-1]))
        z[-1].retain_grad()
    last = torch.randn(4, dtype=torch.float64)
    z[-1].backward(last)
    slopes = [(torch.sigmoid(each) * (1 - torch.sigmoid(each))).detach() for each in z[:-1]]
    found = given(answers.back_propagated(weights, slopes, last), "back_propagated")
    holds(isinstance(found, list) and len(found) == 4, "back_propagated should return a list of four gradients, delta_1 to delta_4")
    for number in (4, 3, 2, 1):
        look = "delta_l = phi'(z_l) * (W_(l+1)^T delta_(l+1)); the list begins with the first layer's"
        same(found[number - 1], z[number - 1].grad, f"delta_{number} of a network of 4 layers", look)


def near(found, expected, what, look):
    found = given(found, what)
    holds(isinstance(found, float), f"{what} should return one number, it returned {type(found).__name__}")
    holds(0.85 < found / expected < 1.15, f"{what} is {found:.3g}, expected about {expected:g}.\nLook at: {look}")


def test_exercise_5_a_sigmoid_layer_divides_by_four():
    near(answers.gain("sigmoid", 1.0), 0.24, 'gain("sigmoid", 1)', "first over last, not last over first; the root of depth - 1 factors; seed 0 right before building")


def test_exercise_5_without_an_activation_the_weights_decide():
    look = "multiply every weight by the scale, once, under torch.no_grad()"
    near(answers.gain("identity", 1.0), 1.0, 'gain("identity", 1)', look)
    near(answers.gain("identity", 0.5), 0.5, 'gain("identity", 0.5)', look)
    near(answers.gain("identity", 2.0), 2.0, 'gain("identity", 2)', look)
